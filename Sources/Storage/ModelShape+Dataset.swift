package import Learning

extension ModelShape {
  /// Creates the shape of a recipe's model for the images and classes of a dataset.
  package init(recipe: Recipe, dataset: Dataset) {
    self.init(
      recipe: recipe, height: dataset.height, width: dataset.width, classes: dataset.classes)
  }
}
