def states(ctx):
return {}
