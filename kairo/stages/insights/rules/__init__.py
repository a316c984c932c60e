"""The pure decisions of the stage. Import the module you need: this door is empty."""
