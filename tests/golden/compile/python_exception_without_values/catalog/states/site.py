def states(ctx):
    return int(ctx.vars.password)
