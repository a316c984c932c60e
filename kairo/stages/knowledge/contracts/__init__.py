"""What the stage tells others: the brand's graph, its departments and documents, gathers, and the compiled profile."""
