async def states(ctx):
    return {}
