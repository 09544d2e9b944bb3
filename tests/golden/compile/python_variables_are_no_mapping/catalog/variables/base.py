def variables(ctx):
    return ['x']
