
<%include file="two.mako"/>
