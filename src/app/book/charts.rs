//! The charts, from the top one down.

use super::Content;
use crate::app::chart_tree;
use crate::drawing::Scene;
use crate::drawing::palette::LIGHT;
use crate::export::book::{ChartPage, Paper};
use crate::export::picture::chart_picture;

impl Content<'_> {
    pub(super) fn charts(&self, paper: &mut Paper<'_>) {
        paper.chart_chapter(self.words.charts);
        for (chart, depth) in chart_tree(self.plan) {
            let Some(described) = self.plan.charts().get(&chart) else { continue };
            let name = if depth == 0 { self.plan.name() } else { &described.name };
            let page = ChartPage { chart, name, path: &self.chart_name(chart), comment: &described.comment, depth };
            paper.chart(&page, || chart_picture(self.plan, &Scene::new(self.plan, chart), &LIGHT, self.words));
        }
    }
}
