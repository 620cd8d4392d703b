#!/usr/bin/env bash
# Provides the images that deploy/Dockerfile and the container tests start from, and with "compose"
# those that docker-compose.yml has besides: takes those that are there, pulls those that can be pulled,
# and makes the others of Debian packages, Maven artifacts and this machine's JDK 25, under the same
# names. Run as root where it has to make them.
#
#   base-images.sh [compose]
#
#   JAVA_HOME   a JDK 25
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..

debian=debian:12-slim
jdk=eclipse-temurin:25-jdk
kafka_version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$root/pom.xml")
apicurio_version=$(sed -n 's:.*<apicurio.version>\(.*\)</apicurio.version>.*:\1:p' "$root/pom.xml")
kafka=apache/kafka:$kafka_version
registry=apicurio/apicurio-registry:$apicurio_version
in_compose() { sed -n "s|.*image: \($1:.*\)|\1|p" "$root/docker-compose.yml"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

has() { docker image inspect "$1" >/dev/null 2>&1; }

# Whether an image has to be made. One attempt to pull, since a machine without a way out waits long.
pullable=unknown
missing() {
  ! has "$1" || return 1
  [ "$pullable" != no ] || return 0
  if timeout 60 docker pull -q "$1"; then pullable=yes; else pullable=no; fi
  ! has "$1"
}

# The classic builder reads what was made a line before; BuildKit would ask a registry for it.
build() { DOCKER_BUILDKIT=0 docker build -q -t "$@" >/dev/null; }

maven() { (cd "$root" && mvn -B -q -ntp "$@"); }

if missing "$debian"; then
  echo "making $debian"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/debian" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
  rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/* \
    "$work"/debian/usr/share/{doc,man,info,locale}/* "$work"/debian/var/log/*
  tar -C "$work/debian" -c . | docker import -c 'CMD ["bash"]' - "$debian" >/dev/null
fi

if missing "$jdk"; then
  echo "making $jdk"
  mkdir -p "$work/jdk"
  # Links to the system's certificates and the like become files.
  cp -rL "$JAVA_HOME" "$work/jdk/openjdk"
  rm -f "$work/jdk/openjdk/lib/src.zip"
  build "$jdk" -f - "$work/jdk" <<DOCKERFILE
FROM $debian
COPY openjdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
DOCKERFILE
fi

if missing "$kafka"; then
  echo "making $kafka"
  mkdir -p "$work/kafka/libs"
  maven -f "$here/kafka/pom.xml" -Dkafka.version="$kafka_version" \
    org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory="$work/kafka/libs" -DincludeScope=runtime
  cp "$here/kafka/run" "$work/kafka/run"
  build "$kafka" -f - "$work/kafka" <<DOCKERFILE
FROM $jdk
COPY libs /opt/kafka/libs
COPY run /etc/kafka/docker/run
RUN useradd --uid 1000 appuser && mkdir -p /var/lib/kafka/data /opt/kafka/config && chown -R appuser /var/lib/kafka /opt/kafka/config
USER appuser
EXPOSE 9092
CMD ["/etc/kafka/docker/run"]
DOCKERFILE
fi

if missing "$registry"; then
  echo "making $registry"
  mkdir -p "$work/registry/deployments"
  maven -N dependency:copy -Dartifact="io.apicurio:apicurio-registry-app:$apicurio_version:tar.gz:all" \
    -DoutputDirectory="$work/registry"
  tar -C "$work/registry/deployments" -xzf "$work"/registry/*.tar.gz
  build "$registry" -f - "$work/registry" <<DOCKERFILE
FROM $jdk
COPY deployments /deployments
RUN useradd --uid 1000 registry
WORKDIR /deployments
USER registry
EXPOSE 8080
ENTRYPOINT ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=0.0.0.0", "-jar", "quarkus-run.jar"]
DOCKERFILE
fi

echo "images: $debian $jdk $kafka $registry"
[ "${1:-}" = compose ] || exit 0

prometheus=$(in_compose prom/prometheus)
if missing "$prometheus"; then
  (cd "$work" && apt-get -qq download prometheus)
  dpkg-deb -x "$work"/prometheus_*.deb "$work/prometheus"
  echo "making $prometheus of another version: $("$work/prometheus/usr/bin/prometheus" --version 2>&1 | head -n 1)"
  build "$prometheus" -f - "$work/prometheus" <<DOCKERFILE
FROM $debian
COPY usr/bin/prometheus usr/bin/promtool /bin/
RUN mkdir /prometheus && chown nobody /prometheus
USER nobody
VOLUME /prometheus
EXPOSE 9090
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
DOCKERFILE
fi
echo "images: $prometheus"

grafana=$(in_compose grafana/grafana)
if missing "$grafana"; then
  echo "no $grafana: Debian has no package to make it of. Without it:" \
    "docker compose up -d processor-1 processor-2 prometheus" >&2
fi
