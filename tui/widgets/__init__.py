"""Line-API widgets: each draws one frozen view from `tui.view`, and repaints only the cells that differ."""
