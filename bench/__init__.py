"""How fast the centre is, beside what people would use otherwise, measured in the same run.

python -m bench            everything; `python -m bench p1 p3` some of it
"""
