def states(ctx):
    return {'a': ['x' * 1000] * 2**20}
