def states(ctx):
    if ctx:
	return {}
