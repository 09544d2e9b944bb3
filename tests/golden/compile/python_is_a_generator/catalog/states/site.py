def states(ctx):
    yield 'a'
