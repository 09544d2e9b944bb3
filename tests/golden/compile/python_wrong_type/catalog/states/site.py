def states(ctx):
    for n in range(2):
        ctx.state(f'a{n}').file.managed(path=f'/etc/{n}', content='x', mode=644)
