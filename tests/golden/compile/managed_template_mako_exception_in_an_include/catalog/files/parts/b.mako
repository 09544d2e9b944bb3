two
${vars.nothing}
