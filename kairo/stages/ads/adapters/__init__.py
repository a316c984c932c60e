"""Ad platforms behind their interfaces."""
