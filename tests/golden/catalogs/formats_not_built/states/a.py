def states(ctx): pass
