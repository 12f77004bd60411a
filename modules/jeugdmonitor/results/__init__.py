"""Results: what may be shown of the answers of a closed round, and showing it.

Owns: counting, disclosure control (`protect`, `margins`), one function that says what is published (`published`), and its forms:
page, CSV and PDF, which all show that and nothing else (SV2). Does not own the answers (model.py) nor when a round closes.
"""
