//~ there is no network watch-13x1; there are: watch-12x1, watch-16x2,
fn main() {
    let _: trainlet::named!("watch-13x1");
}
