//! Every stub of `vectors/cba/cba-example.stubs.tsv` decodes to the values meant and re-encodes to the same
//! bytes. The values are those of `cba-example.expect.tsv`, which tshark confirmed for the capture beside
//! it. Rows of the layer beneath (resolver, activation, IRemUnknown) are in `vectors_dcom.rs`.

mod vectors {
    pub mod anything;
    pub mod cba_rows;
    pub mod frames;
    pub mod hostile;
    pub mod table;
}
