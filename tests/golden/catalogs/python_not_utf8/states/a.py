# café
def states(ctx): return {}
