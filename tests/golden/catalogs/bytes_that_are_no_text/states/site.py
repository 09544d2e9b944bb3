# -*- coding: latin-1 -*-
name = 'grün'
