one
% if vars:
two
