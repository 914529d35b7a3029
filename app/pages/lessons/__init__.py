"""The course: lessons as pages, their figures, programs and exercises, all computed by torch when they are shown."""
