#pragma once

#include "app/application_fields.hpp"
#include "meter/flow_meter.hpp"
#include "meter/flow_table.hpp"
#include "meter/path_table.hpp"

namespace wireglass {

/// The open record of an entry as it is now, with this end reason.
FlowRecord build_record(const MeterConfig& config, const FlowTable& table, const PathTable& paths,
                        EntryNumber number, EndReason reason);

void fill_application(const ApplicationFields& fields, FlowRecord& record);

}  // namespace wireglass
