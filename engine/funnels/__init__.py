"""funnels"""
