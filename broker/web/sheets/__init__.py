"""Tables for a spreadsheet program, as CSV and as XLSX, written as they are sent: constant memory, and nothing on disk.

Owns the two forms, and that no cell is ever a formula (threats CU3). Does not own what stands in the cells.
"""
