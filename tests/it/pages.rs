//! Every page that the demo can show, judged by programs of others: accessibility by axe-core, HTML and CSS by the Nu HTML
//! checker, speed and good manners by Lighthouse. What is looked at is in one [list].

mod accessible;
pub(crate) mod axe;
mod lighthouse;
mod list;
mod markup;
mod paper;
mod pictures;
mod site;
pub(crate) mod visitor;
