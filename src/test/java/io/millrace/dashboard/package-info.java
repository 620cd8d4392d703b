/** What Grafana's dashboard asks, and Prometheus to ask it of. */
@NullMarked
package io.millrace.dashboard;

import org.jspecify.annotations.NullMarked;
