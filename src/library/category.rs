//! Categories: library folders that a description names, with levels separated by `/`.

use std::collections::BTreeMap;

use super::search::fold;

/// A category with what is below it. The root has no name and holds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Category {
    /// Name of this level as the first description by order wrote it.
    pub name: String,
    /// Descriptions directly in it.
    pub own: usize,
    /// Descriptions in it and below.
    pub total: usize,
    /// Categories below, by name without regard to case and accents.
    pub below: Vec<Category>,
}

/// Levels that are told apart; a description that names more stands in the last of these.
const MOST_LEVELS: usize = 16;

#[derive(Default)]
struct Level {
    name: String,
    own: usize,
    below: BTreeMap<String, Level>,
}

impl Category {
    /// The tree of these categories; an empty one stands in the root.
    pub(super) fn tree<'a>(categories: impl Iterator<Item = &'a str>) -> Self {
        let mut root = Level::default();
        for category in categories {
            let mut level = &mut root;
            for name in levels(category).take(MOST_LEVELS) {
                level = level.below.entry(fold(name)).or_default();
                if level.name.is_empty() {
                    level.name = name.to_owned();
                }
            }
            level.own += 1;
        }
        root.into_category()
    }

    /// Whether `inner` is `outer` or below it. Case and accents do not matter.
    pub(super) fn holds(outer: &str, inner: &str) -> bool {
        let mut inner = levels(inner);
        levels(outer).all(|name| inner.next().is_some_and(|candidate| fold(candidate) == fold(name)))
    }
}

impl Level {
    /// Depth is bounded by [`MOST_LEVELS`].
    fn into_category(self) -> Category {
        let below: Vec<Category> = self.below.into_values().map(Level::into_category).collect();
        let total = self.own + below.iter().map(|category| category.total).sum::<usize>();
        Category { name: self.name, own: self.own, total, below }
    }
}

fn levels(category: &str) -> impl Iterator<Item = &str> {
    category.split('/').map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_make_a_tree() {
        let tree = Category::tree(["Filling/Rotary", "filling / linear", "Packing", "", "Filling"].into_iter());
        assert_eq!((tree.own, tree.total), (1, 5));
        let names: Vec<_> = tree.below.iter().map(|category| (category.name.as_str(), category.total)).collect();
        assert_eq!(names, [("Filling", 3), ("Packing", 1)]);
        let below: Vec<_> = tree.below[0].below.iter().map(|category| category.name.as_str()).collect();
        assert_eq!(below, ["linear", "Rotary"]);
    }

    #[test]
    fn a_category_holds_what_is_below() {
        assert!(Category::holds("filling", "Filling/Rotary"));
        assert!(Category::holds("", "anything"));
        assert!(!Category::holds("Fill", "Filling"));
        assert!(!Category::holds("Filling/Rotary", "Filling"));
    }

    #[test]
    fn absurd_depth_is_bounded() {
        let tree = Category::tree(["a/".repeat(100_000).as_str()].into_iter());
        assert_eq!(tree.total, 1);
    }
}
