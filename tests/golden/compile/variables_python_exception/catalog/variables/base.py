def variables(ctx):
    return {'x': [1][2]}
