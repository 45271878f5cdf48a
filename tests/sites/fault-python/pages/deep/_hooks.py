from models import nothing
