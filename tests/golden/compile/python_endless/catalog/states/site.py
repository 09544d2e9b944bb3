def states(ctx):
    while True: pass
