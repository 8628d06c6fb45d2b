//! trainlet on a desktop.
