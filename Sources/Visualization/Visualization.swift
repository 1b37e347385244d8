// Visualization
