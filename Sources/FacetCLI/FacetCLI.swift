// FacetCLI
