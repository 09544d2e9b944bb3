${x.upper()}
