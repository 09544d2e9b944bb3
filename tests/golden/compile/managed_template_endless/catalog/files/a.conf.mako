one
% while True:
% endwhile
