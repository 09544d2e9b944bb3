def states():
    return {}
