#!/bin/sh
echo ${HOME}
echo ${1}
