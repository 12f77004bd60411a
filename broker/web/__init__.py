"""The pages: one file a family, and what stands around each of them.

Owns: turning a form or an address into one operation and its answer into HTML; the headers, the limits, the error pages,
health and figures. Does not own rules, rows or words of mails. Doors do not import each other.
"""
