def variable(ctx):
    return {}
