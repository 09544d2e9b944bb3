def variables(ctx):
    return {'x': ctx.vras}
