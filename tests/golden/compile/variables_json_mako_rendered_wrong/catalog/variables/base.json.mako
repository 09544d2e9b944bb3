{"x":
  ${'oops'}}
