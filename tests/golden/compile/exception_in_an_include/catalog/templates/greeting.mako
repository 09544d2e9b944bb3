hello
${int(vars.password)}
