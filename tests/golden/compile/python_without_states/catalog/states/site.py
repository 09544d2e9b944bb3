def sates(ctx):
    return {}
