// Panels and dashboards after Grafana's schema of dashboards, version 36.
local datasource = { type: 'prometheus', uid: '${datasource}' };
local COLUMNS = 24;

local steps(list) = [
  { color: each[0] } + (if each[1] == null then {} else { value: each[1] })
  for each in list
];

local panel(type, title, unit, queries, description, options, custom={}) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  targets: [
    {
      datasource: datasource,
      refId: std.char(std.codepoint('A') + index),
      expr: queries[index].expr,
      legendFormat: queries[index].legend,
      instant: type != 'timeseries',
      range: type == 'timeseries',
      [if type == 'table' then 'format']: 'table',
    }
    for index in std.range(0, std.length(queries) - 1)
  ],
  transformations: [],
  transparent: false,
  options: options,
  fieldConfig: {
    defaults: {
      unit: unit,
      noValue: '-',
      color: { mode: 'palette-classic' },
      thresholds: { mode: 'absolute', steps: steps([['green', null]]) },
      custom: custom,
    },
    overrides: [],
  },
};

{
  query(expr, legend): { expr: expr, legend: legend },

  // Lines over time, from 0 up.
  lines(title, unit, queries, description): panel(
    'timeseries',
    title,
    unit,
    queries,
    description,
    {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false },
  ) + { fieldConfig+: { defaults+: { min: 0 } } },

  // Figures of now, the colour of each by thresholds.
  figures(title, unit, queries, description): panel(
    'stat',
    title,
    unit,
    queries,
    description,
    {
      colorMode: 'background',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'value_and_name',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  ) + { fieldConfig+: { defaults+: { color: { mode: 'thresholds' } } } },

  // A table of labels, with what now holds.
  rows(title, unit, queries, description): panel(
    'table',
    title,
    unit,
    queries,
    description,
    { showHeader: true, footer: { show: false, reducer: [], fields: '' } },
    { align: 'auto', displayMode: 'auto', filterable: true },
  ) + {
    transformations: [
      { id: 'organize', options: { excludeByName: { Time: true, job: true, __name__: true }, indexByName: {}, renameByName: {} } },
    ],
  },

  // The colours of values: `[['green', null], ['red', 1]]`.
  colours(list): { fieldConfig+: { defaults+: {
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps: steps(list) },
  } } },
  // Words for values: `{ '0': 'no', '1': 'yes' }`.
  words(map): { fieldConfig+: { defaults+: { mappings: [
    { type: 'value', options: { [key]: { text: map[key] } for key in std.objectFields(map) } },
  ] } } },
  upTo(most): { fieldConfig+: { defaults+: { max: most } } },

  // Rows of panels, of equal width in a row. `lines` of a dashboard: `[{ title, height, panels }]`.
  dashboard(config, uid, title, description, lines): {
    local placed = std.foldl(
      function(done, line)
        local width = std.floor(COLUMNS / std.length(line.panels));
        local header = {
          type: 'row',
          title: line.title,
          collapsed: false,
          panels: [],
          gridPos: { h: 1, w: COLUMNS, x: 0, y: done.y },
        };
        local panels = [
          line.panels[index] { gridPos: { h: line.height, w: width, x: width * index, y: done.y + 1 } }
          for index in std.range(0, std.length(line.panels) - 1)
        ];
        { y: done.y + 1 + line.height, panels: done.panels + [header] + panels },
      lines,
      { y: 0, panels: [] },
    ),
    local variable(name, label, query) = {
      type: 'query',
      name: name,
      label: label,
      datasource: datasource,
      query: { query: query, refId: name },
      definition: query,
      refresh: 2,
      sort: 1,
      multi: true,
      includeAll: true,
      allValue: '.+',
      current: { selected: true, text: 'All', value: '$__all' },
      options: [],
      hide: 0,
      skipUrlSync: false,
      regex: '',
    },
    uid: 'dns-lb-' + uid,
    title: title,
    description: description,
    tags: config.dashboardTags,
    style: 'dark',
    timezone: 'browser',
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-3h', to: 'now' },
    timepicker: {},
    refresh: '30s',
    schemaVersion: 36,
    version: 1,
    fiscalYearStartMonth: 0,
    weekStart: '',
    liveNow: false,
    annotations: { list: [] },
    links: [
      {
        title: 'DNS load balancers',
        type: 'dashboards',
        icon: 'external link',
        tooltip: '',
        url: '',
        tags: config.dashboardTags,
        asDropdown: true,
        targetBlank: false,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: {
      list: [
        {
          type: 'datasource',
          name: 'datasource',
          label: 'Data source',
          query: 'prometheus',
          current: {},
          options: [],
          hide: 0,
          includeAll: false,
          multi: false,
          refresh: 1,
          regex: '',
          skipUrlSync: false,
        },
        variable('load_balancer', 'Load balancer', 'label_values(up{%s}, load_balancer)' % config.agentSelector),
        variable('node', 'Node', 'label_values(up{%s,load_balancer=~"$load_balancer"}, node)' % config.agentSelector),
      ],
    },
    panels: [placed.panels[index] { id: index + 1 } for index in std.range(0, std.length(placed.panels) - 1)],
  },

  // The selectors of a dashboard's queries.
  of(config): {
    local place = 'load_balancer=~"$load_balancer",node=~"$node"',
    whole: 'load_balancer=~"$load_balancer"',
    agent: '%s,%s' % [config.agentSelector, place],
    haproxy: '%s,%s' % [config.haproxySelector, place],
    dnsdist: '%s,%s' % [config.dnsdistSelector, place],
  },
}
