imports = 0
