from engine import nothing
