x: ${facts.nothing}
