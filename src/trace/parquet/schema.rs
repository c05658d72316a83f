//! Types of columns, as Parquet itself has them.

use polars_parquet::parquet::schema::Repetition;
use polars_parquet::read::schema::{SchemaDescriptor, parquet_to_arrow_schema};
use polars_parquet::read::{ParquetType, PhysicalType, PrimitiveLogicalType};
use std::slice;

/// What the library makes of a column: `UInt64`, `Float64`, a list of them.
pub fn kind(field: &ParquetType) -> String {
    if let ParquetType::GroupType { .. } = field {
        return "Group".into();
    }
    let fields = parquet_to_arrow_schema(slice::from_ref(field));
    fields.iter_values().next().map_or("nothing".into(), |field| format!("{:?}", field.dtype()))
}

/// The same schema without what the library cannot read or is not needed: integers of 8 and 16 bits are wider ones, as they
/// are stored, and texts are texts whatever else they are.
pub fn plain(schema: &SchemaDescriptor) -> SchemaDescriptor {
    let fields = schema.fields().iter().map(|field| match field {
        ParquetType::PrimitiveType(primitive) => {
            let mut primitive = primitive.clone();
            let kind = kind(field);
            if ["Int8", "Int16", "UInt16"].contains(&kind.as_str()) {
                (primitive.logical_type, primitive.converted_type) = (None, None);
            } else if primitive.physical_type == PhysicalType::ByteArray && kind == "BinaryView" {
                primitive.logical_type = Some(PrimitiveLogicalType::String);
            }
            ParquetType::PrimitiveType(primitive)
        }
        group => group.clone(),
    });
    SchemaDescriptor::new(schema.name().into(), fields.collect())
}

/// Whether a column has at most one value a row.
pub fn is_flat(field: &ParquetType) -> bool {
    match field {
        ParquetType::PrimitiveType(primitive) => primitive.field_info.repetition != Repetition::Repeated,
        ParquetType::GroupType { .. } => false,
    }
}
