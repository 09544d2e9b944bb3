first
% if x == 'a':
yes
% endif
