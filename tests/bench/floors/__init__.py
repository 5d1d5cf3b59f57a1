"""What the parts themselves can do, without anything of ours: what our figures are compared with."""
