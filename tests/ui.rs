//! What must not compile, and what the compiler says then. `TRYBUILD=overwrite cargo test --test ui` writes the messages anew.

#[test]
fn mistakes_in_shapes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
